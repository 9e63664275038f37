from kefu.command.main import main

main()
