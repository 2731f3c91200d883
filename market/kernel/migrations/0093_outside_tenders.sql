-- The result of an outside tender comes with its notice: nobody signs up, so there is no window.
ALTER TABLE project
    DROP CONSTRAINT project_window,
    ADD CONSTRAINT project_window CHECK (
        sign_up_opens_at < sign_up_closes_at OR (method = 'outside_tender' AND sign_up_opens_at = sign_up_closes_at));
