-- Reports whether a report correction has any finding. Safe: :differences only reads.
select exists (:differences)
