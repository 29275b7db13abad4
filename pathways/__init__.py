"""What services do, declared: pathways as data, checked, drawn and flattened to arrays."""
