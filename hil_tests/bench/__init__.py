"""What a scenario may do and see, whatever the bench is made of: press, carry away, cut, and watch."""
