"""Services beside what is published of them: who sends whom, who is seen, how often, how many are open."""
