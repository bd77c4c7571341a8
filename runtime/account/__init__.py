"""Account: signing in and out, my profile, my password, my API keys and sessions."""
