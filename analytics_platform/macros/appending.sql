{#
    The usual day comes after all days before it: a model may then add it to what it holds, instead of
    making everything again from history. Any other change (an earlier day, a reload, two days at once, a day
    that failed after it was built) makes the model anew, which sees all history and gives the same rows.
#}

{# The day to add to what the model holds, as 2026-01-31; empty when the model must be made anew. #}
{% macro day_to_append() -%}
    {%- if execute and load_cached_relation(this) is not none and not should_full_refresh() -%}
        {%- set query -%}
            select state.appended_date
            from {{ source('ops', 'append_state') }} as state
            inner join {{ source('ops', 'model_builds') }} as build
                on build.model = '{{ this.identifier }}' and build.basis = state.clean_basis
            where build.code = '{{ code_fingerprint() }}' and state.appended_date is not null
        {%- endset -%}
        {{- run_query(query).columns[0].values() | join('') -}}
    {%- endif -%}
{%- endmacro %}

{# Of the model's SQL and that of the models it reads: what was made by other code must be made anew. #}
{% macro code_fingerprint() -%}
    {%- set texts = [model.raw_code] -%}
    {%- for parent in model.depends_on.nodes if parent in graph.nodes -%}
        {%- do texts.append(graph.nodes[parent].raw_code) -%}
    {%- endfor -%}
    {{- local_md5(texts | join('\n')) -}}
{%- endmacro %}

{# Post-hook of every model that appends: from which days it was made, and by which code. #}
{% macro note_build() -%}
    insert into {{ source('ops', 'model_builds') }} (model, basis, code)
    select '{{ this.identifier }}', audited_basis, '{{ code_fingerprint() }}'
    from {{ source('ops', 'append_state') }}
    on conflict (model) do update set basis = excluded.basis, code = excluded.code
{%- endmacro %}
