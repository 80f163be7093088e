{# Pre-hook of what is known of campaigns: makes room for those that are built again. Whose days, and the days after
   in which they act, touch what changed, or who are not any more what they were when they were built. #}
{% macro delete_touched_campaigns(window_days, relations) -%}
    {%- if is_incremental() -%}
    delete from {{ this }} as held
    where
        held.end_date + {{ window_days }} >= {{ first_touched(relations) }}
        or not exists (
            select 1
            from {{ ref('dim_campaign') }} as campaigns
            where
                campaigns.campaign_id = held.campaign_id
                and (campaigns.channel, campaigns.objective, campaigns.audience, campaigns.is_ab_test)
                = (held.channel, held.objective, held.audience, held.is_ab_test)
                and (campaigns.start_date, campaigns.end_date) = (held.start_date, held.end_date)
        )
    {%- endif -%}
{%- endmacro %}
