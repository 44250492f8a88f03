"""SOQL: text to tree (lark), tree to SQL, rows to the forms of the wire."""
