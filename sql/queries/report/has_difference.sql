-- Reports whether a corrected report would have any finding. The included statement :differences only reads.
select exists (:differences)
