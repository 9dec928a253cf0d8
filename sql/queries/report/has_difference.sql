-- Tells whether a correction has any finding. Safe: :differences only reads.
select exists (:differences)
