"""A brand's own editions of the pack's playbooks and policies: drafted, tried, published, rolled back."""
