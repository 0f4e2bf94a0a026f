"""The certificate and address-mapping planner for Cisco Expressway clusters."""
