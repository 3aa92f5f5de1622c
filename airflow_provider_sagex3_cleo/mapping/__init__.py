"""From Sage X3's records to business documents: the only room that knows both spellings."""
