from django.db import migrations

# The same borders as in 0002, for what an order may become: no row of one brand on another's, no money taken from or
# given to somebody else's payment method, no exchange that is not of its return, and every change of an order counted
# and kept.

BRANDS = """
ALTER TABLE commerce_paymentmethod ADD CONSTRAINT payment_method_of_brand UNIQUE (id, brand_id);
ALTER TABLE commerce_paymentmethod ADD CONSTRAINT payment_method_same_brand
    FOREIGN KEY (customer_id, brand_id) REFERENCES people_customer (id, brand_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE commerce_orderchange ADD CONSTRAINT order_change_same_brand
    FOREIGN KEY (order_id, brand_id) REFERENCES commerce_order (id, brand_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE commerce_return ADD CONSTRAINT return_of_brand UNIQUE (id, brand_id);
ALTER TABLE commerce_exchange ADD CONSTRAINT exchange_same_brand
    FOREIGN KEY (of_return_id, brand_id) REFERENCES commerce_return (id, brand_id) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE commerce_exchangeline ADD CONSTRAINT exchange_line_same_brand_variant
    FOREIGN KEY (variant_id, brand_id) REFERENCES commerce_variant (id, brand_id) DEFERRABLE INITIALLY DEFERRED;
"""
BRANDS_BACK = """
ALTER TABLE commerce_exchangeline DROP CONSTRAINT exchange_line_same_brand_variant;
ALTER TABLE commerce_exchange DROP CONSTRAINT exchange_same_brand;
ALTER TABLE commerce_return DROP CONSTRAINT return_of_brand;
ALTER TABLE commerce_orderchange DROP CONSTRAINT order_change_same_brand;
ALTER TABLE commerce_paymentmethod DROP CONSTRAINT payment_method_same_brand;
ALTER TABLE commerce_paymentmethod DROP CONSTRAINT payment_method_of_brand;
"""

# $1 of each trigger: the column with the payment method, and how to find the order
METHODS = """
CREATE FUNCTION kefu_own_payment_method() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    method bigint := CASE TG_TABLE_NAME WHEN 'commerce_payment' THEN (to_jsonb(NEW)->>'paid_with_id')::bigint
                     WHEN 'commerce_refund' THEN (to_jsonb(NEW)->>'refunded_to_id')::bigint
                     WHEN 'commerce_return' THEN (to_jsonb(NEW)->>'refund_to_id')::bigint
                     ELSE (to_jsonb(NEW)->>'payment_method_id')::bigint END;
    buyer bigint;
BEGIN
    IF method IS NULL THEN
        RETURN NULL;
    END IF;
    IF TG_TABLE_NAME = 'commerce_refund' THEN
        SELECT o.customer_id INTO buyer FROM commerce_payment p JOIN commerce_order o ON o.id = p.order_id
            WHERE p.id = (to_jsonb(NEW)->>'payment_id')::bigint;
    ELSIF TG_TABLE_NAME = 'commerce_exchange' THEN
        SELECT o.customer_id INTO buyer FROM commerce_return r JOIN commerce_order o ON o.id = r.order_id
            WHERE r.id = (to_jsonb(NEW)->>'of_return_id')::bigint;
    ELSE
        SELECT o.customer_id INTO buyer FROM commerce_order o WHERE o.id = (to_jsonb(NEW)->>'order_id')::bigint;
    END IF;
    IF NOT EXISTS (SELECT FROM commerce_paymentmethod m
                   WHERE m.id = method AND m.customer_id = buyer AND m.brand_id = NEW.brand_id) THEN
        RAISE EXCEPTION 'the payment method is not the buyer''s' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER payment_with_own_method AFTER INSERT OR UPDATE OF paid_with_id ON commerce_payment
    FOR EACH ROW WHEN (NEW.paid_with_id IS NOT NULL) EXECUTE FUNCTION kefu_own_payment_method();
CREATE TRIGGER refund_to_own_method AFTER INSERT ON commerce_refund
    FOR EACH ROW WHEN (NEW.refunded_to_id IS NOT NULL) EXECUTE FUNCTION kefu_own_payment_method();
CREATE TRIGGER return_to_own_method AFTER INSERT OR UPDATE OF refund_to_id ON commerce_return
    FOR EACH ROW WHEN (NEW.refund_to_id IS NOT NULL) EXECUTE FUNCTION kefu_own_payment_method();
CREATE TRIGGER exchange_with_own_method AFTER INSERT OR UPDATE OF payment_method_id ON commerce_exchange
    FOR EACH ROW WHEN (NEW.payment_method_id IS NOT NULL) EXECUTE FUNCTION kefu_own_payment_method();
CREATE TRIGGER refund_keeps_its_way BEFORE UPDATE ON commerce_refund
    FOR EACH ROW WHEN (OLD.refunded_to_id IS DISTINCT FROM NEW.refunded_to_id)
    EXECUTE FUNCTION kefu_refuse_commerce_change('a refund is history');
"""
METHODS_BACK = """
DROP TRIGGER refund_keeps_its_way ON commerce_refund;
DROP TRIGGER exchange_with_own_method ON commerce_exchange;
DROP TRIGGER return_to_own_method ON commerce_return;
DROP TRIGGER refund_to_own_method ON commerce_refund;
DROP TRIGGER payment_with_own_method ON commerce_payment;
DROP FUNCTION kefu_own_payment_method();
"""

CHANGES = """
CREATE FUNCTION kefu_count_order_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE commerce_order SET
        address_changes = address_changes + (NEW.kind = 'address')::int,
        item_changes = item_changes + (NEW.kind = 'items')::int,
        payment_changes = payment_changes + (NEW.kind = 'payment')::int
        WHERE id = NEW.order_id;
    RETURN NULL;
END $$;
CREATE TRIGGER order_change_is_counted AFTER INSERT ON commerce_orderchange
    FOR EACH ROW EXECUTE FUNCTION kefu_count_order_change();
CREATE TRIGGER order_change_is_history BEFORE UPDATE OR DELETE ON commerce_orderchange
    FOR EACH ROW EXECUTE FUNCTION kefu_refuse_commerce_change('a change of an order is history');
CREATE TRIGGER order_changes_start_at_zero BEFORE INSERT ON commerce_order
    FOR EACH ROW WHEN (NEW.address_changes <> 0 OR NEW.item_changes <> 0 OR NEW.payment_changes <> 0)
    EXECUTE FUNCTION kefu_refuse_commerce_change('changes of an order are counted by the database');
CREATE TRIGGER order_changes_are_counted BEFORE UPDATE ON commerce_order
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND
        (NEW.address_changes, NEW.item_changes, NEW.payment_changes)
        IS DISTINCT FROM (OLD.address_changes, OLD.item_changes, OLD.payment_changes))
    EXECUTE FUNCTION kefu_refuse_commerce_change('changes of an order are counted by the database');

CREATE FUNCTION kefu_check_exchange_line() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM commerce_exchange e JOIN commerce_returnline r ON r.of_return_id = e.of_return_id
                   WHERE e.id = NEW.exchange_id AND r.id = NEW.return_line_id AND r.brand_id = NEW.brand_id) THEN
        RAISE EXCEPTION 'the line is not of the return of this exchange' USING ERRCODE = 'foreign_key_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER exchange_line_of_its_return AFTER INSERT OR UPDATE ON commerce_exchangeline
    FOR EACH ROW EXECUTE FUNCTION kefu_check_exchange_line();
"""
CHANGES_BACK = """
DROP TRIGGER exchange_line_of_its_return ON commerce_exchangeline;
DROP FUNCTION kefu_check_exchange_line();
DROP TRIGGER order_changes_are_counted ON commerce_order;
DROP TRIGGER order_changes_start_at_zero ON commerce_order;
DROP TRIGGER order_change_is_history ON commerce_orderchange;
DROP TRIGGER order_change_is_counted ON commerce_orderchange;
DROP FUNCTION kefu_count_order_change();
"""


class Migration(migrations.Migration):
    dependencies = [("commerce", "0006_orders_change")]
    operations = [
        migrations.RunSQL(BRANDS, BRANDS_BACK),
        migrations.RunSQL(METHODS, METHODS_BACK),
        migrations.RunSQL(CHANGES, CHANGES_BACK),
    ]
