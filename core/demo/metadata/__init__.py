"""What the demo company keeps: objects and fields, their describe, layouts and list views."""
