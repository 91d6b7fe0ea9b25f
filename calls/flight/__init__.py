"""What can be told from the record of a call, in plain Python: faults and verdicts (`faults`), times without them
(`timeline`), and why the buyer took as long as they did (`latency`). No Django."""
