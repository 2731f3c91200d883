-- PostgreSQL itself would call a unique constraint so.
ALTER TABLE api_request RENAME CONSTRAINT api_request_key TO api_request_key_length;
