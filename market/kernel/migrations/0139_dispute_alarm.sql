-- One more thing that a person must look at: a dispute on money that Alipay will release by itself.
ALTER TABLE payment_alarm
    DROP CONSTRAINT payment_alarm_kind,
    ADD CONSTRAINT payment_alarm_kind CHECK (kind IN (
        'amount_differs', 'unknown_order', 'not_ours', 'other_trade', 'paid_in_error', 'outcome_unknown', 'rejected',
        'settles_itself', 'settled_itself', 'certificate', 'bond_expires', 'unknown_notify', 'account_frozen',
        'disputed_for_long'));
