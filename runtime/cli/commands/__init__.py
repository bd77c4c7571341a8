"""The commands, one file each. A trailing underscore keeps a name that Python wants for itself (`import_.py`)."""
