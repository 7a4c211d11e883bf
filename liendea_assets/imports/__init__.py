"""From files to people: landing tables, companies, contacts and the ties between them."""
