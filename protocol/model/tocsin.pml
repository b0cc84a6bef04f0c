/* Tocsin: one device, two gateways, the air between them, upstream and a person. See README.md. */

#include "bounds.pml"
#include "promises.pml"
#include "air.pml"
#include "gateway.pml"
#include "gateway_steps.pml"
#include "device.pml"
#include "trouble.pml"
#include "claims.pml"

init {
    atomic {
        run device();
        run gateway(0);
#if GATEWAYS == 2
        run gateway(1);
#endif
        run trouble()
    }
}
