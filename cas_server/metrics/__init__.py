"""What the installation says of itself: numbers for Prometheus, and whether alarms still flow."""
