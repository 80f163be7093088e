-- An estimate lies within its interval, a chance between 0 and 1, and no group is larger than all that is compared.
select
    test_name,
    factor,
    group_name
from {{ ref('inferential_analytics') }}
where
    estimate not between ci_low and ci_high
    or difference not between difference_ci_low and difference_ci_high
    or p_value not between 0 and 1
    or sample_size < 1
