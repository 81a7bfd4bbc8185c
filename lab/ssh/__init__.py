"""What the products' command lines by SSH have in common: server, authentication, sessions (`server`), and the screen and keyboard of one (`terminal`)."""
