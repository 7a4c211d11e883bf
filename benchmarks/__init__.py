"""What it costs: whole processes, medians of at least five runs, beside a named peer of the same run where there is one."""
