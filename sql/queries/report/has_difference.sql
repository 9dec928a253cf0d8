-- Reports whether a report correction has any finding.
-- The included statement :differences only reads.
select exists (:differences)
