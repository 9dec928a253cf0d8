-- Returns the findings of a corrected report for totals.sql. The included statement :differences only reads.
select outcome, currency, merchant_amount, initial_amount, old_amount, amount, provider_status, correction
from (:differences) as d
