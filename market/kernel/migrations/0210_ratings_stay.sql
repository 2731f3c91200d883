-- What was said of a job stays as it was said: shown, replied to, struck by decision, never rewritten.
CREATE FUNCTION keep_rating() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.project_id, NEW.side, NEW.rater_id, NEW.rated_id, NEW.marks, NEW.overall, NEW.reasons, NEW.affiliated, NEW.rated_by, NEW.rated_at)
        IS DISTINCT FROM
        (OLD.project_id, OLD.side, OLD.rater_id, OLD.rated_id, OLD.marks, OLD.overall, OLD.reasons, OLD.affiliated, OLD.rated_by, OLD.rated_at)
        OR (OLD.replied_at IS NOT NULL AND (NEW.reply, NEW.replied_by, NEW.replied_at) IS DISTINCT FROM (OLD.reply, OLD.replied_by, OLD.replied_at))
    THEN
        RAISE EXCEPTION 'a rating is given once' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER rating_stays BEFORE UPDATE ON rating FOR EACH ROW EXECUTE FUNCTION keep_rating();
CREATE TRIGGER rating_is_kept BEFORE DELETE OR TRUNCATE ON rating FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
