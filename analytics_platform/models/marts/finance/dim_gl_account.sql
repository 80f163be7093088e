-- As the seed lists them: accounts change with the code.
select
    gl_account,
    account_name,
    statement,
    account_class,
    normal_side
from {{ ref('gl_accounts') }}
