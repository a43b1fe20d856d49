package agent

import "github.com/argss/argss/vip"

// step asks the machine, performs what it wants, and lets it know how that
// went, which may ask for more. It tells of a change of state only after its
// effects: clients wait for those, people can wait.
func (a *Agent) step(in vip.Input) {
	before := a.machine.Transitions()
	effects, deadline := a.machine.Step(a.now(), in)
	a.deadline = deadline
	changed, last := a.machine.Transitions() != before, a.machine.Last()
	for _, e := range effects {
		if answer := a.perform(e); answer != nil {
			a.step(answer)
		}
	}
	a.tellRefusal()
	a.publish()
	if changed {
		a.tell(last)
	}
}

func (a *Agent) tell(t vip.Transition) {
	a.remember(t)
	a.log.Info("shared address", "from", t.From, "to", t.To, "reason", t.Reason)
	if a.config.Changed != nil {
		a.config.Changed(t)
	}
}

func (a *Agent) perform(e vip.Effect) (answer vip.Input) {
	switch e.Kind {
	case vip.Advertise:
		return a.send(e.Advert)
	case vip.Take:
		return a.take()
	case vip.Drop:
		a.drop()
	case vip.Announce:
		if err := a.link.Announce(); err != nil {
			a.log.Warn("announce the shared address", "err", err) // repeated with the next adverts
		}
	}
	return nil
}

// send logs the first failure and the first success after it, not each of a
// hundred a second.
func (a *Agent) send(advert vip.Advert) vip.Input {
	err := a.link.Send(advert)
	switch {
	case err != nil && a.unsent == nil:
		a.log.Warn("send an advert", "err", err)
	case err == nil && a.unsent != nil:
		a.log.Info("adverts can be sent again")
	}
	a.unsent = err
	if err != nil {
		return vip.SendFailed{}
	}
	return vip.Sent{}
}

func (a *Agent) take() vip.Input {
	if a.refusal = a.link.Take(); a.refusal != nil {
		return vip.TakeFailed{}
	}
	a.undropped = nil // it is ours to hold again
	return vip.Taken{}
}

// tellRefusal logs a row of refusals once, when it begins to be one.
func (a *Agent) tellRefusal() {
	refused := a.machine.Refused()
	if refused && !a.refused {
		a.log.Warn("take the shared address; trying again", "err", a.refusal)
	}
	a.refused = refused
}

func (a *Agent) drop() {
	err := a.link.Drop()
	if err != nil && a.undropped == nil {
		a.log.Error("drop the shared address; trying again", "err", err)
	}
	a.undropped = err
}
