// Package hardware will own what is known of each board as data: how to
// recognise it, its bays, network interfaces, LEDs, buttons and watchdog.
//
// Nothing of it is there yet; README lists it under "Not there yet".
package hardware
