"""Field types: one class, one file each; a new file here is all a new type takes."""
