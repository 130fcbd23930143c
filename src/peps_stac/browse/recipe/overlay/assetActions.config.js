// Viewers on other sites cannot reach a catalog on this machine.
export default {};
