// Package agent runs one box's part in the election for a shared address. It
// owns the loop around a vip.Machine: one goroutine gives the machine what the
// link hears, performs the effects it asks for, and wakes it at its deadline.
//
// It promises that every advert that has already arrived is read before
// silence is judged, that when it is told to end the address is dropped before
// the goodbye is sent, and that each change of state is logged once with its
// reason. A sudden death needs no care of ours: the other boxes do the rest.
package agent
