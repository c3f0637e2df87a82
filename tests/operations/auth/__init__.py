PASSWORD = "demo-Passw0rd!"
NEW_PASSWORD = "another-Passw0rd"
