"""A local Dataverse with a Customer Insights environment, and the Entra that signs people in."""
