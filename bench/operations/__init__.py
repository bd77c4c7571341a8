"""What is measured: one operation per file; each says its place in the table (ORDER) and answers with rows (`rows(stage)`)."""
