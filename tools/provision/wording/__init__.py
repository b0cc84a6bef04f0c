"""What the installer's tool says, by topic: a sentence's name -> (English, French)."""
