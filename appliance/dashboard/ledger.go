package dashboard

import "fmt"

// Lines says the ledger in words, a claim a line.
func (l Ledger) Lines() []string {
	lines := []string{
		plural(l.Unplugs, "unplug") + " so far",
		fmt.Sprintf("%d of %d acknowledged saves lost", l.Lost, l.Saves),
		fmt.Sprintf("worst gap %s", gap(l.WorstGapMS)),
	}
	if l.Waiting > 0 {
		lines = append(lines, fmt.Sprintf("%d saves cannot be checked until an unplugged box returns", l.Waiting))
	}
	if l.CurrentGapMS > 0 {
		lines = append(lines, fmt.Sprintf("no answer for %s", gap(l.CurrentGapMS)))
	}
	return lines
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

func gap(ms int64) string {
	if ms < 1000 {
		return fmt.Sprintf("%d ms", ms)
	}
	return fmt.Sprintf("%.1f s", float64(ms)/1000)
}
