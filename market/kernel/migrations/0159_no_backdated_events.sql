-- An event is booked at or after the moment up to which its account was computed: no score of the past changes afterwards.
CREATE FUNCTION refuse_backdated_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.recorded_at < (SELECT computed_at FROM credit_account WHERE organisation_id = NEW.organisation_id) THEN
        RAISE EXCEPTION 'credit event %: backdated', NEW.id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER credit_event_not_backdated BEFORE INSERT ON credit_event
    FOR EACH ROW EXECUTE FUNCTION refuse_backdated_event();
