"""The field types, one file each in field_types/, and the widgets that draw them."""
