"""Reports for people who plan services: one page and one workbook, made from results and nothing else."""
