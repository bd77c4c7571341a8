"""The database and the queue: embedded servers, the transaction, the outbox, the relay, the clock."""
