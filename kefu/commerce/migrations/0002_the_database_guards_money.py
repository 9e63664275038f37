from django.db import migrations

# What no code, job or person with a database prompt may do: give back more than was paid, take back more pieces
# than were bought, or hang one brand's row on another brand's.
#
# Refunds and returns are counted on the row they draw from (payment.refunded_minor, orderline.returned_quantity), and
# a CHECK on that row holds the limit. Two refunds at once meet on the payment's row lock, in every isolation level:
# the second waits, then adds to what the first has left, and the CHECK refuses it.

BRANDS = """
ALTER TABLE people_customer ADD CONSTRAINT customer_of_brand UNIQUE (id, brand_id);
ALTER TABLE commerce_product ADD CONSTRAINT product_of_brand UNIQUE (id, brand_id);
ALTER TABLE commerce_variant ADD CONSTRAINT variant_of_brand UNIQUE (id, brand_id);
ALTER TABLE commerce_order ADD CONSTRAINT order_of_brand UNIQUE (id, brand_id);
ALTER TABLE commerce_order ADD CONSTRAINT order_of_brand_and_currency UNIQUE (id, brand_id, currency);
ALTER TABLE commerce_payment ADD CONSTRAINT payment_of_brand_and_currency UNIQUE (id, brand_id, currency);
ALTER TABLE commerce_shipment ADD CONSTRAINT shipment_of_brand UNIQUE (id, brand_id);

ALTER TABLE commerce_variant ADD CONSTRAINT variant_same_brand
    FOREIGN KEY (product_id, brand_id) REFERENCES commerce_product (id, brand_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE commerce_order ADD CONSTRAINT order_same_brand
    FOREIGN KEY (customer_id, brand_id) REFERENCES people_customer (id, brand_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE commerce_orderline ADD CONSTRAINT order_line_same_brand
    FOREIGN KEY (order_id, brand_id) REFERENCES commerce_order (id, brand_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE commerce_orderline ADD CONSTRAINT order_line_same_brand_variant
    FOREIGN KEY (variant_id, brand_id) REFERENCES commerce_variant (id, brand_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE commerce_cancellation ADD CONSTRAINT cancellation_same_brand
    FOREIGN KEY (order_id, brand_id) REFERENCES commerce_order (id, brand_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE commerce_payment ADD CONSTRAINT payment_same_brand_and_currency
    FOREIGN KEY (order_id, brand_id, currency) REFERENCES commerce_order (id, brand_id, currency)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE commerce_refund ADD CONSTRAINT refund_same_brand_and_currency
    FOREIGN KEY (payment_id, brand_id, currency) REFERENCES commerce_payment (id, brand_id, currency)
    DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE commerce_shipment ADD CONSTRAINT shipment_same_brand
    FOREIGN KEY (order_id, brand_id) REFERENCES commerce_order (id, brand_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE commerce_trackingevent ADD CONSTRAINT tracking_event_same_brand
    FOREIGN KEY (shipment_id, brand_id) REFERENCES commerce_shipment (id, brand_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE commerce_return ADD CONSTRAINT return_same_brand
    FOREIGN KEY (order_id, brand_id) REFERENCES commerce_order (id, brand_id) DEFERRABLE INITIALLY DEFERRED;
"""
BRANDS_BACK = """
ALTER TABLE commerce_return DROP CONSTRAINT return_same_brand;
ALTER TABLE commerce_trackingevent DROP CONSTRAINT tracking_event_same_brand;
ALTER TABLE commerce_shipment DROP CONSTRAINT shipment_same_brand;
ALTER TABLE commerce_refund DROP CONSTRAINT refund_same_brand_and_currency;
ALTER TABLE commerce_payment DROP CONSTRAINT payment_same_brand_and_currency;
ALTER TABLE commerce_cancellation DROP CONSTRAINT cancellation_same_brand;
ALTER TABLE commerce_orderline DROP CONSTRAINT order_line_same_brand_variant;
ALTER TABLE commerce_orderline DROP CONSTRAINT order_line_same_brand;
ALTER TABLE commerce_order DROP CONSTRAINT order_same_brand;
ALTER TABLE commerce_variant DROP CONSTRAINT variant_same_brand;
ALTER TABLE commerce_shipment DROP CONSTRAINT shipment_of_brand;
ALTER TABLE commerce_payment DROP CONSTRAINT payment_of_brand_and_currency;
ALTER TABLE commerce_order DROP CONSTRAINT order_of_brand_and_currency;
ALTER TABLE commerce_order DROP CONSTRAINT order_of_brand;
ALTER TABLE commerce_variant DROP CONSTRAINT variant_of_brand;
ALTER TABLE commerce_product DROP CONSTRAINT product_of_brand;
ALTER TABLE people_customer DROP CONSTRAINT customer_of_brand;
"""

MONEY = """
CREATE FUNCTION kefu_refuse_commerce_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '%: % refused on %', TG_ARGV[0], TG_OP, TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;

-- the counters move only from within the triggers below
CREATE TRIGGER payment_counter_starts_at_zero BEFORE INSERT ON commerce_payment
    FOR EACH ROW WHEN (NEW.refunded_minor <> 0)
    EXECUTE FUNCTION kefu_refuse_commerce_change('refunded_minor is counted by the database');
CREATE TRIGGER payment_counter_is_counted BEFORE UPDATE ON commerce_payment
    FOR EACH ROW WHEN (NEW.refunded_minor <> OLD.refunded_minor AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION kefu_refuse_commerce_change('refunded_minor is counted by the database');
CREATE TRIGGER orderline_counter_starts_at_zero BEFORE INSERT ON commerce_orderline
    FOR EACH ROW WHEN (NEW.returned_quantity <> 0)
    EXECUTE FUNCTION kefu_refuse_commerce_change('returned_quantity is counted by the database');
CREATE TRIGGER orderline_counter_is_counted BEFORE UPDATE ON commerce_orderline
    FOR EACH ROW WHEN (NEW.returned_quantity <> OLD.returned_quantity AND pg_trigger_depth() = 0)
    EXECUTE FUNCTION kefu_refuse_commerce_change('returned_quantity is counted by the database');

CREATE FUNCTION kefu_count_refund() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    change bigint := 0;
BEGIN
    IF NEW.state <> 'failed' THEN
        change := NEW.amount_minor;
    END IF;
    IF TG_OP = 'UPDATE' AND OLD.state <> 'failed' THEN
        change := change - OLD.amount_minor;
    END IF;
    IF change <> 0 THEN
        UPDATE commerce_payment SET refunded_minor = refunded_minor + change WHERE id = NEW.payment_id;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refund_is_counted AFTER INSERT OR UPDATE ON commerce_refund
    FOR EACH ROW EXECUTE FUNCTION kefu_count_refund();
CREATE TRIGGER refund_is_never_deleted BEFORE DELETE ON commerce_refund
    FOR EACH ROW EXECUTE FUNCTION kefu_refuse_commerce_change('a refund is history');
CREATE TRIGGER refund_changes_only_its_state BEFORE UPDATE ON commerce_refund
    FOR EACH ROW WHEN ((OLD.payment_id, OLD.brand_id, OLD.amount_minor, OLD.currency, OLD.key, OLD.rule, OLD.at)
        IS DISTINCT FROM (NEW.payment_id, NEW.brand_id, NEW.amount_minor, NEW.currency, NEW.key, NEW.rule, NEW.at))
    EXECUTE FUNCTION kefu_refuse_commerce_change('a refund is history');
"""
MONEY_BACK = """
DROP TRIGGER refund_changes_only_its_state ON commerce_refund;
DROP TRIGGER refund_is_never_deleted ON commerce_refund;
DROP TRIGGER refund_is_counted ON commerce_refund;
DROP FUNCTION kefu_count_refund();
DROP TRIGGER orderline_counter_is_counted ON commerce_orderline;
DROP TRIGGER orderline_counter_starts_at_zero ON commerce_orderline;
DROP TRIGGER payment_counter_is_counted ON commerce_payment;
DROP TRIGGER payment_counter_starts_at_zero ON commerce_payment;
DROP FUNCTION kefu_refuse_commerce_change();
"""

PIECES = """
CREATE FUNCTION kefu_count_return_line() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    parcel commerce_return%ROWTYPE;
    change bigint := 0;
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.line_id, OLD.of_return_id) IS DISTINCT FROM (NEW.line_id, NEW.of_return_id) THEN
        RAISE EXCEPTION 'a return line stays with its return and its order line' USING ERRCODE = 'restrict_violation';
    END IF;
    -- held, so that the return is not called off between this look and our commit
    SELECT * INTO parcel FROM commerce_return
        WHERE id = COALESCE(NEW.of_return_id, OLD.of_return_id) FOR NO KEY UPDATE;
    IF TG_OP <> 'DELETE' THEN
        IF NOT EXISTS (SELECT FROM commerce_orderline l
                       WHERE l.id = NEW.line_id AND l.order_id = parcel.order_id AND l.brand_id = NEW.brand_id) THEN
            RAISE EXCEPTION 'the line is not of the order of this return' USING ERRCODE = 'foreign_key_violation';
        END IF;
        change := NEW.quantity;
    END IF;
    IF TG_OP <> 'INSERT' THEN
        change := change - OLD.quantity;
    END IF;
    IF change <> 0 AND parcel.state <> 'cancelled' THEN
        UPDATE commerce_orderline SET returned_quantity = returned_quantity + change
            WHERE id = COALESCE(NEW.line_id, OLD.line_id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER return_line_is_counted AFTER INSERT OR UPDATE OR DELETE ON commerce_returnline
    FOR EACH ROW EXECUTE FUNCTION kefu_count_return_line();

CREATE FUNCTION kefu_count_return() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE commerce_orderline l
        SET returned_quantity = l.returned_quantity + CASE WHEN NEW.state = 'cancelled' THEN -r.quantity ELSE r.quantity END
        FROM commerce_returnline r WHERE r.of_return_id = NEW.id AND l.id = r.line_id;
    RETURN NULL;
END $$;
CREATE TRIGGER return_is_counted AFTER UPDATE ON commerce_return
    FOR EACH ROW WHEN ((OLD.state = 'cancelled') IS DISTINCT FROM (NEW.state = 'cancelled'))
    EXECUTE FUNCTION kefu_count_return();

CREATE FUNCTION kefu_check_shipment_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM commerce_orderline l JOIN commerce_shipment s ON s.order_id = l.order_id
                   WHERE l.id = NEW.line_id AND s.id = NEW.shipment_id AND l.brand_id = NEW.brand_id) THEN
        RAISE EXCEPTION 'the line is not of the order of this shipment' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER shipment_line_of_its_order AFTER INSERT OR UPDATE ON commerce_shipmentline
    FOR EACH ROW EXECUTE FUNCTION kefu_check_shipment_line();
"""
PIECES_BACK = """
DROP TRIGGER shipment_line_of_its_order ON commerce_shipmentline;
DROP FUNCTION kefu_check_shipment_line();
DROP TRIGGER return_is_counted ON commerce_return;
DROP FUNCTION kefu_count_return();
DROP TRIGGER return_line_is_counted ON commerce_returnline;
DROP FUNCTION kefu_count_return_line();
"""


class Migration(migrations.Migration):
    dependencies = [("commerce", "0001_initial")]
    operations = [
        migrations.RunSQL(BRANDS, BRANDS_BACK),
        migrations.RunSQL(MONEY, MONEY_BACK),
        migrations.RunSQL(PIECES, PIECES_BACK),
    ]
