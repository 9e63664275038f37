"""What this room announces besides the desk's delivery events."""

DELIVERY_SENT_AGAIN = "channels.delivery_sent_again"
DELIVERY_BOUNCED = "channels.delivery_bounced"
