"""PostgreSQL: connections, transactions and the bell."""
