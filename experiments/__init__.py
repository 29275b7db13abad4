"""Questions and answers: scenarios, runs, sizing, reports and the command line."""
