"""What is asked before anything is bought: size, comparison, suggestion, stock, price, coupon, delivery, basket."""
