"""Speak to Sage X3: auth, REST, GraphQL, entity specifications."""
