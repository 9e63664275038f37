from django.db import migrations

# The promise "append-only" is kept by the database, whatever code or person connects to it.
# TRUNCATE has no row to refuse on, so it gets a statement trigger of its own.
FORWARD = """
CREATE FUNCTION kefu_refuse_event_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'events are append-only: % refused', TG_OP USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER desk_event_append_only BEFORE UPDATE OR DELETE ON desk_event
    FOR EACH ROW EXECUTE FUNCTION kefu_refuse_event_change();
CREATE TRIGGER desk_event_no_truncate BEFORE TRUNCATE ON desk_event
    FOR EACH STATEMENT EXECUTE FUNCTION kefu_refuse_event_change();

-- Live updates: ids only, so that a listener learns nothing it may not read. One notification an event.
CREATE FUNCTION kefu_announce_event() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('kefu_events', json_build_object(
        'id', NEW.id, 'kind', NEW.kind, 'brand', NEW.brand_id, 'conversation', NEW.conversation_id,
        'message', NEW.message_id)::text);
    RETURN NULL;
END $$;
CREATE TRIGGER desk_event_announce AFTER INSERT ON desk_event
    FOR EACH ROW EXECUTE FUNCTION kefu_announce_event();
"""
BACK = """
DROP TRIGGER desk_event_announce ON desk_event;
DROP FUNCTION kefu_announce_event();
DROP TRIGGER desk_event_no_truncate ON desk_event;
DROP TRIGGER desk_event_append_only ON desk_event;
DROP FUNCTION kefu_refuse_event_change();
"""


class Migration(migrations.Migration):
    dependencies = [("desk", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACK)]
