"""Events: where people meet, what is on, who comes, and whom they meet when."""
