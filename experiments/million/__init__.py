"""The million: people reached and contacts made, extra to the baseline year, planned and delivered."""
