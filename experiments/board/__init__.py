"""The board of four quadrants and the roadmap: what leaders decide on, each statement with what it rests on."""
