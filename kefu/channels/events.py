"""What this room announces besides the desk's delivery events."""

DELIVERY_SENT_AGAIN = "channels.delivery_sent_again"
DELIVERY_BOUNCED = "channels.delivery_bounced"
CHANNEL_CREATED = "channels.channel_created"
CHANNEL_CHANGED = "channels.channel_changed"
CHANNEL_SWITCHED = "channels.channel_switched"
READ_AGAIN = "channels.read_again"
