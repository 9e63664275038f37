"""The demo shop: made up from packs/ecommerce/demo, the same shop for the same day."""
